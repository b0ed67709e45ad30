"""From tables to rows as numbers, and to texts that may be quoted."""
