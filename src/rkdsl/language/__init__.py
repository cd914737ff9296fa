"""Text to nodes and nodes to text."""
