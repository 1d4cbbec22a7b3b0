package agent

// Shape is the geometry of a prim: a profile that is drawn along a path, each
// cut, hollowed, twisted and so on. The fields are as they travel: begins,
// ends and hollow in steps of 0.00002 (an end counts from 1 downwards), scales
// as 100 for 1 (200 is 0), the others in hundredths.
type Shape struct {
	PathCurve, ProfileCurve                                             uint8
	PathBegin, PathEnd                                                  uint16
	PathScaleX, PathScaleY, PathShearX, PathShearY                      uint8
	PathTwist, PathTwistBegin, PathRadiusOffset, PathTaperX, PathTaperY int8
	PathRevolutions                                                     uint8
	PathSkew                                                            int8
	ProfileBegin, ProfileEnd, ProfileHollow                             uint16
}

// Curves of paths and profiles.
const (
	pathLine   = 0x10
	pathCircle = 0x20

	profileCircle     = 0
	profileSquare     = 1
	profileTriangle   = 3 // with equal sides
	profileHalfCircle = 5

	full  = 100 // a scale of 1
	point = 200 // a scale of 0
	tire  = 175 // a scale of 0.25: the ring's thickness
)

// The primitives that viewers offer.
var (
	Box      = Shape{PathCurve: pathLine, ProfileCurve: profileSquare, PathScaleX: full, PathScaleY: full}
	Pyramid  = Shape{PathCurve: pathLine, ProfileCurve: profileSquare, PathScaleX: point, PathScaleY: point}
	Prism    = Shape{PathCurve: pathLine, ProfileCurve: profileTriangle, PathScaleX: full, PathScaleY: full}
	Cylinder = Shape{PathCurve: pathLine, ProfileCurve: profileCircle, PathScaleX: full, PathScaleY: full}
	Cone     = Shape{PathCurve: pathLine, ProfileCurve: profileCircle, PathScaleX: point, PathScaleY: point}
	Sphere   = Shape{PathCurve: pathCircle, ProfileCurve: profileHalfCircle, PathScaleX: full, PathScaleY: full}
	Torus    = Shape{PathCurve: pathCircle, ProfileCurve: profileCircle, PathScaleX: full, PathScaleY: tire}
	Tube     = Shape{PathCurve: pathCircle, ProfileCurve: profileSquare, PathScaleX: full, PathScaleY: tire}
	Ring     = Shape{PathCurve: pathCircle, ProfileCurve: profileTriangle, PathScaleX: full, PathScaleY: tire}
)
