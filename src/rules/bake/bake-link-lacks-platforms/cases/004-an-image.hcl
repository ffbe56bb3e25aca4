target "base" {
  platforms = ["linux/amd64", "linux/arm/v7"]
}
target "default" {
  contexts  = { base = "docker-image://debian:13" }
  platforms = ["linux/amd64", "linux/arm64"]
}
