"""Benchmarks: ratios of times measured side by side in one run. Not collected with the tests: name the folder."""
