"""What is deployed with Docker, held against what `make up` runs. No Docker engine is needed."""
