"""Constraints made of constraints: all of them, any, none, some."""
