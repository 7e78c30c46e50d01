"""What the API says about itself: the OpenAPI document and its page."""
