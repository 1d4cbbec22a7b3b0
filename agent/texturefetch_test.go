package agent

import (
	"slices"
	"testing"

	"github.com/google/uuid"
)

func TestTextureIDs(t *testing.T) {
	a, b := uuid.UUID{15: 0xA}, uuid.UUID{15: 0xB}
	for _, tt := range []struct {
		name  string
		entry []byte
		want  []uuid.UUID
	}{
		{"nothing", nil, nil},
		{"cut short", a[:15], nil},
		{"one for all faces", slices.Concat(a[:], []byte{0, 9, 9}), []uuid.UUID{a}},
		{"another on one face", slices.Concat(a[:], []byte{0x02}, b[:], []byte{0}), []uuid.UUID{a, b}},
		{"a mask of two bytes", slices.Concat(a[:], []byte{0x81, 0x02}, b[:], []byte{0}), []uuid.UUID{a, b}},
		{"the same again", slices.Concat(a[:], []byte{0x01}, a[:], []byte{0}), []uuid.UUID{a}},
		{"the other cut short", slices.Concat(a[:], []byte{0x01}, b[:8]), []uuid.UUID{a}},
		{"an endless mask", slices.Concat(a[:], []byte{0x81, 0x81}), []uuid.UUID{a}},
	} {
		if got := TextureIDs(tt.entry); !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
}
