target "default" {
  platforms = ["linux/amd64", "linux/armv6"]
  tags      = ["someone/app"]
}
