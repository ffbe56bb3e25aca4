target "default" {
  tags = ["ghcr.io/someone/app:1"]
}
