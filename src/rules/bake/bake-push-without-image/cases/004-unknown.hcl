variable "OUT" {}
target "default" {
  output = [OUT]
}
