package testgrid

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/slload/slload/message"
)

// body is an avatar's motion read back from ImprovedTerseObjectUpdate, by the
// viewers' rule for U16s, not by the code that wrote it.
type body struct {
	localID       uint32
	pos, velocity message.Vector3
	rotation      [4]float32
}

func readTerse(t interface{ Fatalf(string, ...any) }, data []byte) body {
	if len(data) != 60 {
		t.Fatalf("an avatar's data has %d bytes, not 60", len(data))
	}
	if data[5] != 1 {
		t.Fatalf("it is not marked as an avatar's: %x", data[:6])
	}
	f32 := func(at int) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(data[at:])) }
	u16 := func(at int, limit float32) float32 {
		return float32(binary.LittleEndian.Uint16(data[at:]))/65535*2*limit - limit
	}
	return body{
		localID:  binary.LittleEndian.Uint32(data),
		pos:      message.Vector3{X: f32(22), Y: f32(26), Z: f32(30)},
		velocity: message.Vector3{X: u16(34, 128), Y: u16(36, 128), Z: u16(38, 128)},
		rotation: [4]float32{u16(46, 1), u16(48, 1), u16(50, 1), u16(52, 1)},
	}
}

// The vector is written by hand, field by field.
func TestTerseVector(t *testing.T) {
	m := motion{
		pos:      message.Vector3{X: 128, Y: 64, Z: 25.5},
		velocity: message.Vector3{X: -128, Y: 0, Z: 128},
	}
	wire, err := hex.DecodeString(strings.Join([]string{
		"04030201", "00", "01", // local id, state, avatar
		"00000000", "00000000", "00000000", "0000803f", // plane
		"00000043", "00008042", "0000cc41", // position
		"0000", "ff7f", "ffff", // velocity
		"ff7f", "ff7f", "ff7f", // acceleration
		"ff7f", "ff7f", "ff7f", "ffff", // rotation: none, so W is 1
		"ff7f", "ff7f", "ff7f", // angular velocity
	}, ""))
	if err != nil {
		t.Fatal(err)
	}
	got := appendTerse(nil, 0x01020304, &m)
	if !bytes.Equal(got, wire) {
		t.Errorf("got\n%x, want\n%x", got, wire)
	}
}

func TestTerseReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		coordinate := rapid.Float32Range(0, 256)
		speed := rapid.Float32Range(-128, 128)
		m := motion{
			pos:      message.Vector3{X: coordinate.Draw(t, "x"), Y: coordinate.Draw(t, "y"), Z: coordinate.Draw(t, "z")},
			velocity: message.Vector3{X: speed.Draw(t, "vx"), Y: speed.Draw(t, "vy"), Z: speed.Draw(t, "vz")},
			rotation: turned(rapid.Float64Range(-180, 180).Draw(t, "degrees")),
		}
		got := readTerse(t, appendTerse(nil, 7, &m))
		if got.pos != m.pos || got.localID != 7 {
			t.Fatalf("read %v of %d, want %v", got.pos, got.localID, m.pos)
		}
		const step = 256.0 / 65535
		if distance2(got.velocity, m.velocity) > 3*step*step {
			t.Fatalf("read velocity %v, want %v", got.velocity, m.velocity)
		}
		want := [4]float32{m.rotation.X, m.rotation.Y, m.rotation.Z, m.rotation.W()}
		for i := range want {
			if apart(got.rotation[i], want[i], 2.0/65535) {
				t.Fatalf("read rotation %v, want %v", got.rotation, want)
			}
		}
	})
}

func TestObjectDataHas76Bytes(t *testing.T) {
	m := motion{pos: message.Vector3{X: 1, Y: 2, Z: 3}}
	got := appendObjectData(nil, &m)
	check(t, len(got) == objectDataSize, "%d bytes", len(got))
	check(t, bytes.Equal(got[16:28], appendVector(nil, m.pos)), "no position after the plane: %x", got)
}
