package main

import (
	"strings"

	"github.com/slload/slload/message/template"
)

// message, block and field are the template's, with the names they get in Go.
type message struct {
	*template.Message
	goName string
	blocks []block
}

type block struct {
	*template.Block
	message *message
	index   int
	goName  string // the struct's name
	member  string // the name of the message's field that holds it
	fields  []field
}

type field struct {
	*template.Field
	index  int
	goName string
}

// resolve gives every message, block and field its Go name. taken holds the
// package's other names. Messages choose before blocks, so that a message's name
// only depends on other messages.
func resolve(t *template.Template, taken map[string]bool) []*message {
	messages := make([]*message, len(t.Messages))
	for i := range t.Messages {
		m := &message{Message: &t.Messages[i]}
		m.goName = exported(m.Name)
		for taken[m.goName] || taken["ID"+m.goName] {
			m.goName += "Message"
		}
		taken[m.goName], taken["ID"+m.goName] = true, true
		messages[i] = m
	}
	for _, m := range messages {
		members := map[string]bool{"ID": true, "AppendBody": true, "DecodeBody": true}
		for i := range m.Blocks {
			b := block{Block: &m.Blocks[i], message: m, index: i}
			b.goName = choose(m.goName+exported(b.Name), "Block", taken)
			b.member = choose(exported(b.Name), "Block", members)
			b.fields = resolveFields(b.Block)
			m.blocks = append(m.blocks, b)
		}
	}
	return messages
}

func resolveFields(b *template.Block) []field {
	var fields []field
	taken := map[string]bool{}
	for i := range b.Fields {
		f := &b.Fields[i]
		fields = append(fields, field{Field: f, index: i, goName: choose(exported(f.Name), "Field", taken)})
	}
	return fields
}

// choose returns name, with as many suffixes as it takes to be new, and takes it.
func choose(name, suffix string, taken map[string]bool) string {
	for taken[name] {
		name += suffix
	}
	taken[name] = true
	return name
}

// exported turns a name of the template into an exported Go name: object_id and
// objectId become ObjectId.
func exported(name string) string {
	var out strings.Builder
	for part := range strings.SplitSeq(name, "_") {
		if part != "" {
			out.WriteString(strings.ToUpper(part[:1]) + part[1:])
		}
	}
	return out.String()
}
