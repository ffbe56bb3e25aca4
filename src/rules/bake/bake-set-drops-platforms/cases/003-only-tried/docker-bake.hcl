target "default" {
  platforms = ["linux/amd64", "linux/arm64"]
  tags = ["someone/app:1"]
}
