package agent

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/google/uuid"
)

// errNoNotecard is an asset that isn't a note, or not one of a known form.
var errNoNotecard = errors.New("the asset is no note of a known form")

// noteEnd is what a note's asset ends with.
const noteEnd = "}\n"

// EncodeNotecard makes a note's asset of its text: the form of viewers, without
// items in it.
func EncodeNotecard(text string) []byte {
	b := []byte("Linden text version 2\n{\nLLEmbeddedItems version 1\n{\ncount 0\n}\nText length ")
	b = strconv.AppendInt(b, int64(len(text)), 10)
	b = append(b, '\n')
	b = append(b, text...)
	return append(b, noteEnd...)
}

// DecodeNotecard gives the text of a note's asset. Items in the note are left
// out; their places in the text hold a private character each.
func DecodeNotecard(asset []byte) (string, error) {
	const mark = "\nText length "
	at := bytes.Index(asset, []byte(mark))
	if at < 0 || !bytes.HasPrefix(asset, []byte("Linden text version ")) {
		return "", errNoNotecard
	}
	number, rest, ok := bytes.Cut(asset[at+len(mark):], []byte("\n"))
	n, err := strconv.Atoi(string(bytes.TrimSpace(number)))
	if !ok || err != nil || n < 0 || n > len(rest) {
		return "", errNoNotecard
	}
	return string(rest[:n]), nil
}

// CreateNote makes a note with a text, by capability. Where the upload fails
// the empty note stays, and comes with the error.
func (i Inventory) CreateNote(ctx context.Context, in uuid.UUID, name, text string) (Item, error) {
	it, err := i.CreateItem(ctx, NewItem{Folder: in, Name: name, Type: AssetNotecard})
	if err != nil {
		return Item{}, err
	}
	done, err := i.a.Assets().UpdateNotecard(ctx, it.ID, EncodeNotecard(text))
	if err != nil {
		return it, fmt.Errorf("write note %q: %w", name, err)
	}
	it.Asset = done.Asset
	return it, nil
}

// ReadNote fetches a note's text.
func (i Inventory) ReadNote(ctx context.Context, it Item) (string, error) {
	data, err := i.a.Assets().Fetch(ctx, it.Asset, AssetNotecard)
	if err != nil {
		return "", err
	}
	text, err := DecodeNotecard(data)
	if err != nil {
		return "", fmt.Errorf("read note %q: %w", it.Name, err)
	}
	return text, nil
}

// CreateScript makes a script with a source, by capability.
func (i Inventory) CreateScript(ctx context.Context, in uuid.UUID, name, source string) (Item, Uploaded, error) {
	it, err := i.CreateItem(ctx, NewItem{Folder: in, Name: name, Type: AssetScript})
	if err != nil {
		return Item{}, Uploaded{}, err
	}
	done, err := i.a.Assets().UpdateScript(ctx, it.ID, source)
	if err != nil {
		return it, Uploaded{}, fmt.Errorf("write script %q: %w", name, err)
	}
	it.Asset = done.Asset
	return it, done, nil
}

// CreateLandmark makes a landmark of the place where the agent stands.
func (i Inventory) CreateLandmark(ctx context.Context, in uuid.UUID, name string) (Item, error) {
	return i.CreateItem(ctx, NewItem{Folder: in, Name: name, Type: AssetLandmark})
}
