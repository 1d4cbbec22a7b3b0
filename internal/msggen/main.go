// Command msggen writes the Go types of package message from a message template:
//
//	go run ./internal/msggen -template message_template.msg -out message
//
// It replaces every *_gen.go file in the output folder that it wrote before, and
// only after the whole template was read and all code was generated. With -check
// it writes nothing and fails if the folder's files are not what it would write.
// It imports none of that code, so that it runs when the code is missing or broken.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"

	"github.com/slload/slload/message/template"
)

func main() {
	file := flag.String("template", "", "message template to read")
	out := flag.String("out", "message", "folder of package message")
	check := flag.Bool("check", false, "write nothing; fail if the generated files are out of date")
	flag.Parse()
	if *file == "" || flag.NArg() > 0 {
		fmt.Fprintln(os.Stderr, "msggen: want -template FILE [-out FOLDER] [-check] and nothing else")
		os.Exit(2)
	}
	if err := run(*file, *out, *check); err != nil {
		fmt.Fprintln(os.Stderr, "msggen:", err)
		os.Exit(1)
	}
}

func run(templateFile, out string, check bool) error {
	text, err := os.ReadFile(templateFile)
	if err != nil {
		return fmt.Errorf("read template: %w", err)
	}
	t, err := template.Parse(bytes.NewReader(text), templateFile)
	if err != nil {
		return err
	}
	taken, err := declared(out)
	if err != nil {
		return err
	}
	files, err := generate(t, taken)
	if err != nil {
		return err
	}
	if check {
		return compare(out, files)
	}
	return write(out, files)
}
