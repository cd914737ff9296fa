"""What may still happen: distributions of figures that are missing, draws from them, and counts of what they give."""
