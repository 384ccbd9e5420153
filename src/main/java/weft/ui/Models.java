package weft.ui;

import weft.ui.inspect.TensorModel;
import weft.ui.model.Linking;
import weft.ui.model.Session;
import weft.ui.preview.PreviewModel;
import weft.ui.verify.DiffModel;
import weft.ui.verify.VerifyModel;

/** The view models of a window: they outlive the views, which are built anew with the language or the text size. */
record Models(PreviewModel preview, VerifyModel verify, TensorModel tensor, Linking linking, ExportModel export,
        DiffModel diff) {

    static Models of(Session session) {
        return new Models(new PreviewModel(session), new VerifyModel(session), new TensorModel(session),
                new Linking(session), new ExportModel(session), new DiffModel(session));
    }
}
