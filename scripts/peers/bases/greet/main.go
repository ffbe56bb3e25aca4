// greet says what it was compiled for, and repeats its arguments.
package main

import (
	"os"
	"runtime"
	"strings"
)

func main() {
	os.Stdout.WriteString("go " + runtime.GOARCH + " " + strings.Join(os.Args[1:], " ") + "\n")
}
