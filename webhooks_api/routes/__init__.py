"""The routes, a module for each resource. Each makes a blueprint from the use case that it shows."""
