"""The record of what happened, its readers, and how it meets a contract."""
