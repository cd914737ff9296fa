"""The algebra: the rule tree, its compiler and its interpreters."""
