"""The doors: where the outside comes in."""
