package presenter

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
	"github.com/fiapx/fiapx/platform/httpserver"
)

// PlanJob answers with what an extraction of the job's video would give.
func (s *Server) PlanJob(c echo.Context, jobID JobID, _ PlanJobParams) error {
	who, err := owner(c.Request().Context())
	if err != nil {
		return err
	}
	form := map[string]string{}
	for _, name := range domain.ParamFields() {
		form[name] = c.QueryParam(name)
	}
	p, err := s.Plan.Do(c.Request().Context(), who.ID, jobID, form)
	if err != nil {
		return err
	}
	return httpserver.JSON(c, http.StatusOK, plan(p))
}

func plan(p domain.Plan) Plan {
	out := Plan{
		JobId: p.JobID, Frames: p.Frames, Exact: p.Exact, Truncated: p.Truncated, EstimatedBytes: p.Bytes, EstimatedSeconds: p.Seconds,
		Packets: p.Packets, PacketsToDecode: p.Decode, Instants: p.Instants,
		VideoInfo: PlannedVideo{
			Duration: known(p.Info.Duration), FrameRate: known(p.Info.FrameRate), Width: int64(p.Info.Width),
			Height: int64(p.Info.Height), Codec: p.Info.Codec, Container: p.Info.Container,
		},
	}
	if out.Instants == nil {
		out.Instants = []float64{}
	}
	return out
}
