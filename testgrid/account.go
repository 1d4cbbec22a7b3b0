package testgrid

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/hex"
	"strings"

	"github.com/google/uuid"

	"github.com/slload/slload/message"
)

// account is a resident: any name is one, from its first login on. The
// directory owns it.
type account struct {
	id          uuid.UUID
	first, last string

	home    *spot // where it said that it lives; nil: where its id says
	visited bool  // lastAt holds
	lastAt  spot
}

// spot is a place in the grid and which way one looks there.
type spot struct {
	region *region
	pos    message.Vector3
	look   message.Vector3
}

// agentNamespace makes agent ids of names: the same name is the same resident
// on every grid of this kind and in every run.
var agentNamespace = uuid.NewSHA1(uuid.NameSpaceURL, []byte("slload testgrid"))

// agentID is a resident's id. Names are the same in any case.
func agentID(first, last string) uuid.UUID {
	return derivedID(agentNamespace, strings.ToLower(first+" "+last))
}

// derivedID is an id that belongs to a resident, such as a folder's.
// uuid.NewSHA1 gives the same, at four times the cost: a login asks for twenty.
func derivedID(of uuid.UUID, what string) uuid.UUID {
	var name [64]byte
	sum := sha1.Sum(append(append(name[:0], of[:]...), what...))
	id := uuid.UUID(sum[:16])
	id[6] = id[6]&0x0f | 5<<4 // version 5
	id[8] = id[8]&0x3f | 0x80 // variant of RFC 4122
	return id
}

// passwordMatches compares what a login brought with the grid's password. A
// login brings `$1$` and the MD5 of the password in hex; the password itself is
// taken too, as OpenSim does.
func passwordMatches(given, want string) bool {
	hashed := "$1$" + hash(want)
	if !strings.HasPrefix(given, "$1$") {
		given = "$1$" + hash(given)
	}
	return subtle.ConstantTimeCompare([]byte(strings.ToLower(given)), []byte(hashed)) == 1
}

// hash is the protocol's own, not a choice: MD5 in lower-case hex.
func hash(password string) string {
	sum := md5.Sum([]byte(password))
	return hex.EncodeToString(sum[:])
}
