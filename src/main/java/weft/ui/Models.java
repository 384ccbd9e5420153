package weft.ui;

import weft.ui.inspect.TensorModel;
import weft.ui.model.Cares;
import weft.ui.model.Linking;
import weft.ui.model.Session;
import weft.ui.preview.InsideModel;
import weft.ui.preview.PreviewModel;
import weft.ui.rules.RuleDrafts;
import weft.ui.verify.DiffModel;
import weft.ui.verify.VerifyModel;

/** The view models of a window: they outlive the views, which are built anew with the language or the text size. */
record Models(PreviewModel preview, InsideModel inside, VerifyModel verify, TensorModel tensor, Linking linking,
        ExportModel export, DiffModel diff, Cares cares, RuleDrafts drafts) {

    static Models of(Session session) {
        var preview = new PreviewModel(session);
        var cares = new Cares(session);
        return new Models(preview, new InsideModel(session, preview), new VerifyModel(session),
                new TensorModel(session), new Linking(session), new ExportModel(session, cares),
                new DiffModel(session), cares, new RuleDrafts(session));
    }
}
