package agent

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/slload/slload/internal/reason"
)

// contentTypes are the words for asset types in the list of an object's
// contents.
var contentTypes = map[string]AssetType{
	"texture": 0, "sound": 1, "callcard": 2, "landmark": 3, "clothing": 5, "object": 6, "notecard": 7, "lsltext": 10,
	"bodypart": 13, "animatn": 20, "animation": 20, "gesture": 21, "mesh": 49,
}

// parseContents reads the list of what is in an object: lines of a word and a
// value, in nested blocks in braces. Each inv_item is an item; the blocks in
// it (permissions, sale_info) have words of their own.
func parseContents(text string) ([]Item, error) {
	var list []Item
	var it *Item
	depth, began := 0, 0
	for n, line := range strings.Split(strings.TrimRight(text, "\x00"), "\n") {
		word, value, _ := strings.Cut(strings.TrimSpace(strings.ReplaceAll(line, "\t", " ")), " ")
		value = strings.TrimSpace(value)
		switch {
		case word == "{":
			depth++
		case word == "}":
			if depth--; it != nil && depth <= began {
				it.InvType = it.Type.invType()
				it = nil
			}
		case word == "inv_item":
			list = append(list, Item{})
			it, began = &list[len(list)-1], depth
		case it != nil:
			if err := it.setContent(word, value); err != nil {
				return nil, fmt.Errorf("list of an object's contents, line %d, %s: %w", n+1, reason.OneLine(word), err)
			}
		}
	}
	return list, nil
}

// setContent takes a word of an item's description; those that say nothing new
// it leaves.
func (it *Item) setContent(word, value string) (err error) {
	ids := map[string]*uuid.UUID{
		"item_id": &it.ID, "parent_id": &it.Folder, "asset_id": &it.Asset, "creator_id": &it.Creator,
		"owner_id": &it.Owner, "group_id": &it.Group,
	}
	masks := map[string]*Mask{
		"base_mask": &it.Base, "owner_mask": &it.Permissions.Owner, "group_mask": &it.Permissions.Group,
		"everyone_mask": &it.Everyone, "next_owner_mask": &it.NextOwner,
	}
	if id := ids[word]; id != nil {
		*id, err = uuid.Parse(value)
		return err
	}
	if mask := masks[word]; mask != nil {
		n, err := strconv.ParseUint(value, 16, 32)
		*mask = Mask(n)
		return err
	}
	switch word {
	case "name":
		it.Name = strings.TrimSuffix(value, "|")
	case "desc":
		it.Description = strings.TrimSuffix(value, "|")
	case "type":
		it.Type = contentTypes[value]
	case "flags":
		n, err := strconv.ParseUint(value, 16, 32)
		it.Flags = uint32(n)
		return err
	case "creation_date":
		n, err := strconv.ParseInt(value, 10, 64)
		it.Created = time.Unix(n, 0)
		return err
	}
	return nil
}
