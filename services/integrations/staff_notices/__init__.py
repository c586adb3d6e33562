"""Notices to our own people: what asks for somebody's attention, in his list."""
