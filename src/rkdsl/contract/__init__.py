"""What the checker found out about a contract."""
