package agent

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/slload/slload/message"
)

// RezScript puts a script of the agent's inventory into a prim and starts it.
func (o Objects) RezScript(ctx context.Context, b Object, script Item) error {
	return o.rezScript(ctx, b, script)
}

// NewScript makes a new script in a prim, with the text that the simulator
// gives new scripts, and gives it as it is there.
func (o Objects) NewScript(ctx context.Context, b Object, name string) (Item, error) {
	before, err := o.Contents(ctx, b)
	if err != nil {
		return Item{}, err
	}
	all := Permissions{Base: PermAll, Owner: PermAll, NextOwner: PermMove | PermTransfer}
	err = o.rezScript(ctx, b, Item{
		Folder: b.ID, Name: name, Type: AssetScript, InvType: AssetScript.invType(), Creator: o.a.ID, Owner: o.a.ID,
		Permissions: all, Created: time.Now(),
	})
	if err != nil {
		return Item{}, err
	}
	known := map[uuid.UUID]bool{}
	for _, it := range before {
		known[it.ID] = true
	}
	var made Item
	_, err = o.ContentsWhen(ctx, b, func(list []Item) bool {
		for _, it := range list {
			if it.Type == AssetScript && !known[it.ID] {
				made = it
				return true
			}
		}
		return false
	})
	return made, err
}

func (o Objects) rezScript(ctx context.Context, b Object, it Item) error {
	m := &message.RezScript{}
	m.AgentData.AgentID, m.AgentData.SessionID = o.a.ID, o.a.session
	m.UpdateBlock.ObjectLocalID, m.UpdateBlock.Enabled = b.LocalID, true
	m.InventoryBlock = message.RezScriptInventoryBlock{
		ItemID: it.ID, FolderID: it.Folder, CreatorID: it.Creator, OwnerID: it.Owner, GroupID: it.Group,
		BaseMask: uint32(it.Base), OwnerMask: uint32(it.Permissions.Owner), GroupMask: uint32(it.Permissions.Group),
		EveryoneMask: uint32(it.Everyone), NextOwnerMask: uint32(it.NextOwner),
		Type: int8(it.Type), InvType: it.InvType, Flags: it.Flags,
		Name: message.Text(it.Name), Description: message.Text(it.Description), CreationDate: int32(it.Created.Unix()),
	}
	return o.a.tellRegion(ctx, m)
}

// UploadScript gives a script in a prim another text and runs it, if it
// compiles: Uploaded tells, with the compiler's errors. It needs the capability
// UpdateScriptTask.
func (o Objects) UploadScript(ctx context.Context, b Object, item uuid.UUID, text string) (Uploaded, error) {
	return o.a.upload(ctx, "UpdateScriptTask", map[string]any{
		"task_id": b.ID, "item_id": item, "is_script_running": true, "target": "mono",
	}, []byte(text))
}

// UploadNote gives a note in a prim another text. It needs the capability
// UpdateNotecardTaskInventory.
func (o Objects) UploadNote(ctx context.Context, b Object, item uuid.UUID, text string) (Uploaded, error) {
	return o.a.upload(ctx, "UpdateNotecardTaskInventory", map[string]any{"task_id": b.ID, "item_id": item}, EncodeNotecard(text))
}

// ResetScript starts a script in a prim anew.
func (o Objects) ResetScript(ctx context.Context, b Object, item uuid.UUID) error {
	m := &message.ScriptReset{}
	m.AgentData.AgentID, m.AgentData.SessionID = o.a.ID, o.a.session
	m.Script.ObjectID, m.Script.ItemID = b.ID, item
	return o.a.tellRegion(ctx, m)
}

// SetRunning lets a script in a prim run, or halts it.
func (o Objects) SetRunning(ctx context.Context, b Object, item uuid.UUID, running bool) error {
	m := &message.SetScriptRunning{}
	m.AgentData.AgentID, m.AgentData.SessionID = o.a.ID, o.a.session
	m.Script.ObjectID, m.Script.ItemID, m.Script.Running = b.ID, item, running
	return o.a.tellRegion(ctx, m)
}

// Running asks whether a script in a prim runs. The answer comes by the event
// queue, or by UDP from simulators that haven't one.
func (o Objects) Running(ctx context.Context, b Object, item uuid.UUID) (running bool, err error) {
	answer := make(chan bool, 1)
	hear := func(m message.Message) {
		if m, ok := m.(*message.ScriptRunningReply); ok && m.Script.ItemID == item && len(answer) == 0 {
			answer <- m.Script.Running
		}
	}
	defer Subscribe(o.a, func(e QueueEvent) { hear(e.Message) })()
	defer o.a.OnMessage(message.IDScriptRunningReply, func(e MessageReceived) { hear(e.Message) })()
	m := &message.GetScriptRunning{}
	m.Script.ObjectID, m.Script.ItemID = b.ID, item
	if err := o.a.tellRegion(ctx, m); err != nil {
		return false, err
	}
	select {
	case running = <-answer:
		return running, nil
	case <-ctx.Done():
		err = context.Cause(ctx)
	case <-o.a.done:
		err = o.a.gone()
	}
	return false, fmt.Errorf("wait for ScriptRunningReply: %w", err)
}
