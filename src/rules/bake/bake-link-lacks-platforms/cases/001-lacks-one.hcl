target "base" {
  platforms = ["linux/amd64", "linux/arm/v7"]
}
target "default" {
  contexts  = { base = "target:base" }
  platforms = ["linux/amd64", "linux/arm64"]
}
