"""Markdown and HTML: headings, tables, emphasis."""
