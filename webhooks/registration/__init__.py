"""The webhooks that customers register."""
