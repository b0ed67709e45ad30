"""From rows to figures with intervals and tests, a file for each kind."""
