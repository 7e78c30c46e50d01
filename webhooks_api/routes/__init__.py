"""The routes: a module for each resource, which makes a blueprint around a use case."""
