"""Lists: numbered, nested, with a marker of their own."""
