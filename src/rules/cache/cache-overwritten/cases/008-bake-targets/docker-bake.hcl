group "default" {
  targets = ["api", "web"]
}
target "shared" {
  cache-to = ["type=gha,mode=max"]
}
target "api" {
  inherits = ["shared"]
  context  = "api"
}
target "web" {
  inherits = ["shared"]
  context  = "web"
}
