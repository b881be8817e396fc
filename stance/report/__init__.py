"""Articles and scored rows as self-contained pages."""
