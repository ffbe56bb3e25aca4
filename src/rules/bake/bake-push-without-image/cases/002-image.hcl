target "default" {
  output = ["type=image"]
  tags = ["someone/app"]
}
