"""Sentences: their kinds, their order, how they grow."""
