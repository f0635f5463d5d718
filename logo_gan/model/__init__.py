"""Models: their networks, their files, their way to and from the Hub, and what draws with them."""
