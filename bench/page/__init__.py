"""The candidate's page on a slow line and a slow phone."""
