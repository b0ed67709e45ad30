"""Figures and explanations for readers: pages, charts and slides."""
