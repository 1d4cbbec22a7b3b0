package message

import (
	"bytes"
	"math"
)

// Vector3 is an LLVector3: metres or metres per second, as the message says.
type Vector3 struct{ X, Y, Z float32 }

// Vector3d is an LLVector3d: a global position in metres.
type Vector3d struct{ X, Y, Z float64 }

// Vector4 is an LLVector4.
type Vector4 struct{ X, Y, Z, W float32 }

// Quaternion is an LLQuaternion, a rotation as it travels: three parts of a unit
// quaternion whose W is never negative.
type Quaternion struct{ X, Y, Z float32 }

// W returns the part that isn't sent: W = sqrt(1 - x² - y² - z²), 0 where
// rounding made the rest longer than 1.
func (q Quaternion) W() float32 {
	w := 1 - float64(q.X)*float64(q.X) - float64(q.Y)*float64(q.Y) - float64(q.Z)*float64(q.Z)
	return float32(math.Sqrt(max(w, 0)))
}

// NewQuaternion normalises (x, y, z, w) and turns its sign so that W is not
// negative: q and -q are the same rotation. A quaternion of length 0 gives no
// rotation.
func NewQuaternion(x, y, z, w float32) Quaternion {
	length := math.Sqrt(float64(x)*float64(x) + float64(y)*float64(y) + float64(z)*float64(z) + float64(w)*float64(w))
	if length == 0 {
		return Quaternion{}
	}
	scale := 1 / length
	if w < 0 {
		scale = -scale
	}
	return Quaternion{float32(float64(x) * scale), float32(float64(y) * scale), float32(float64(z) * scale)}
}

// String returns the text of a Variable field: without the NUL that ends a string
// on the wire, if there is one.
func String(b []byte) string {
	return string(bytes.TrimSuffix(b, []byte{0}))
}

// Text returns s as a Variable field holds a string: with a NUL at its end.
func Text(s string) []byte {
	return append([]byte(s), 0)
}
