"""Grafana: what it is provisioned with. The dashboards are written by `build`."""
