target "default" {
  tags = ["someone/app"]
}
