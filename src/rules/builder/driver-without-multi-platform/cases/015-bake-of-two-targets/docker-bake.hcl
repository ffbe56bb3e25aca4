group "default" { targets = ["a", "b"] }
target "a" {
  platforms = ["linux/amd64", "linux/arm64"]
  tags = ["someone/a"]
}
target "b" {
  platforms = ["linux/amd64", "linux/arm64"]
  tags = ["someone/b"]
}
