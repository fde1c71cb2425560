"""Boards at work: filters become conditions, widgets become grouped queries, keys get names."""
