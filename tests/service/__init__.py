"""What holds the report together."""
