"""The way out: requests to addresses that somebody else wrote down, and never to our own rooms."""
