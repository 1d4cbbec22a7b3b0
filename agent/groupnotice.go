package agent

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// GroupNotice is a notice of a group's list.
type GroupNotice struct {
	ID            uuid.UUID
	At            time.Time
	From          string
	Subject       string
	HasAttachment bool
}

// Notices lists a group's notices.
func (g Groups) Notices(ctx context.Context, id uuid.UUID) ([]GroupNotice, error) {
	ask := message.GroupNoticesListRequest{
		AgentData: message.GroupNoticesListRequestAgentData{AgentID: g.a.ID, SessionID: g.a.session},
		Data:      message.GroupNoticesListRequestData{GroupID: id},
	}
	return request(ctx, g.a, "the notices (GroupNoticesListReply)", message.IDGroupNoticesListReply, g.a.sending(&ask), func(m message.Message) ([]GroupNotice, bool) {
		reply := m.(*message.GroupNoticesListReply)
		var list []GroupNotice
		for _, d := range reply.Data {
			if d.NoticeID == uuid.Nil {
				continue // how an empty list may come
			}
			list = append(list, GroupNotice{
				ID: d.NoticeID, At: unix(d.Timestamp), From: message.String(d.FromName),
				Subject: message.String(d.Subject), HasAttachment: d.HasAttachment,
			})
		}
		return list, reply.AgentData.GroupID == id
	})
}

// SendNotice sends a notice to all members of a group who want notices. Each
// gets an IMReceived with DialogGroupNotice, whose text is "subject|text".
func (g Groups) SendNotice(ctx context.Context, id uuid.UUID, subject, text string) error {
	return g.a.tellDialog(ctx, dialog{kind: DialogGroupNotice, to: id, id: uuid.Nil, text: subject + "|" + text})
}

// ReadNotice fetches a notice's text by its id.
func (g Groups) ReadNotice(ctx context.Context, notice uuid.UUID) (subject, text string, err error) {
	came := Expect(g.a, func(e IMReceived) bool { return e.Dialog == DialogGroupNoticeRequest && e.SessionID == notice })
	err = g.a.do(ctx, func(now circuit.Instant) error {
		return g.a.send(now, &message.GroupNoticeRequest{
			AgentData: message.GroupNoticeRequestAgentData{AgentID: g.a.ID, SessionID: g.a.session},
			Data:      message.GroupNoticeRequestData{GroupNoticeID: notice},
		})
	})
	if err != nil {
		came.Cancel()
		return "", "", err
	}
	e, err := came.Wait(ctx, "the notice (ImprovedInstantMessage, dialog 37)")
	subject, text, _ = strings.Cut(e.Text, "|")
	return subject, text, err
}

// AcceptNotices says whether the agent wants a group's notices, and whether its
// profile shows the group.
func (g Groups) AcceptNotices(ctx context.Context, id uuid.UUID, notices, inProfile bool) error {
	return g.a.tellRegion(ctx, &message.SetGroupAcceptNotices{
		AgentData: message.SetGroupAcceptNoticesAgentData{AgentID: g.a.ID, SessionID: g.a.session},
		Data:      message.SetGroupAcceptNoticesData{GroupID: id, AcceptNotices: notices},
		NewData:   message.SetGroupAcceptNoticesNewData{ListInProfile: inProfile},
	})
}
