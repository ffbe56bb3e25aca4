// What busybox cannot do and RUN comparisons want: extended attributes, sockets, exact times, exchanged names, questions to an ssh agent.
package main

import (
	"encoding/binary"
	"encoding/hex"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"unsafe"
)

func must(err error) {
	if err != nil {
		println(os.Args[1] + ": " + err.Error())
		os.Exit(1)
	}
}

func number(text string) int64 {
	value, err := strconv.ParseInt(text, 10, 64)
	must(err)
	return value
}

var renameat2 = map[string]uintptr{"amd64": 316, "386": 353, "arm": 382, "arm64": 276, "riscv64": 276, "ppc64le": 357, "s390x": 347}

func main() {
	args := os.Args[2:]
	switch os.Args[1] {
	case "setxattr": // PATH NAME HEX
		value, err := hex.DecodeString(args[2])
		must(err)
		must(syscall.Setxattr(args[0], args[1], value, 0))
	case "getxattr": // PATH NAME
		value := make([]byte, 65536)
		size, err := syscall.Getxattr(args[0], args[1], value)
		must(err)
		say(hex.EncodeToString(value[:size]))
	case "removexattr": // PATH NAME
		must(syscall.Removexattr(args[0], args[1]))
	case "listxattr": // PATH
		names := make([]byte, 65536)
		size, err := syscall.Listxattr(args[0], names)
		must(err)
		say(strings.ReplaceAll(strings.TrimRight(string(names[:size]), "\x00"), "\x00", " "))
	case "socket": // PATH
		fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
		must(err)
		must(syscall.Bind(fd, &syscall.SockaddrUnix{Name: args[0]}))
	case "utime": // PATH SECONDS NANOSECONDS, of a link itself too
		name, err := syscall.BytePtrFromString(args[0])
		must(err)
		at := syscall.NsecToTimespec(number(args[1])*1e9 + number(args[2]))
		times := [2]syscall.Timespec{at, at}
		cwd, nofollow := -100, 0x100
		_, _, errno := syscall.Syscall6(syscall.SYS_UTIMENSAT, uintptr(cwd), uintptr(unsafe.Pointer(name)), uintptr(unsafe.Pointer(&times)), uintptr(nofollow), 0, 0)
		if errno != 0 {
			must(errno)
		}
	case "exchange": // ONE OTHER
		one, err := syscall.BytePtrFromString(args[0])
		must(err)
		other, err := syscall.BytePtrFromString(args[1])
		must(err)
		cwd := -100
		_, _, errno := syscall.Syscall6(renameat2[runtime.GOARCH], uintptr(cwd), uintptr(unsafe.Pointer(one)), uintptr(cwd), uintptr(unsafe.Pointer(other)), 2, 0)
		if errno != 0 {
			must(errno)
		}
	case "sparse": // PATH SIZE OFFSET TEXT
		file, err := os.OpenFile(args[0], os.O_CREATE|os.O_WRONLY, 0o644)
		must(err)
		must(file.Truncate(number(args[1])))
		_, err = file.WriteAt([]byte(args[3]), number(args[2]))
		must(err)
	case "agent": // prints what keys the agent at SSH_AUTH_SOCK has
		agent, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
		must(err)
		must(syscall.Connect(agent, &syscall.SockaddrUnix{Name: os.Getenv("SSH_AUTH_SOCK")}))
		stream := os.NewFile(uintptr(agent), "agent")
		_, err = stream.Write([]byte{0, 0, 0, 1, 11})
		must(err)
		head := make([]byte, 4)
		_, err = io.ReadFull(stream, head)
		must(err)
		body := make([]byte, binary.BigEndian.Uint32(head))
		_, err = io.ReadFull(stream, body)
		must(err)
		say(hex.EncodeToString(body))
	default:
		println("no such command")
		os.Exit(2)
	}
}

func say(text string) { os.Stdout.WriteString(text + "\n") }
