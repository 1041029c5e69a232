"""Words: how many different ones, how long, how they begin and sound."""
