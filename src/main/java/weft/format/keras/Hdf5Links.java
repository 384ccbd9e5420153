package weft.format.keras;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

import io.jhdf.FractalHeap;
import io.jhdf.GroupSymbolTableNode;
import io.jhdf.HdfFile;
import io.jhdf.LocalHeap;
import io.jhdf.ObjectHeader;
import io.jhdf.btree.BTreeV1;
import io.jhdf.btree.BTreeV2;
import io.jhdf.btree.record.LinkNameForIndexedGroupRecord;
import io.jhdf.object.message.LinkInfoMessage;
import io.jhdf.object.message.LinkMessage;
import io.jhdf.object.message.SymbolTableMessage;

/**
 * What a group's own table says of its children, without looking at any: for a group of which jHDF lists nothing because it can't
 * describe one of them.
 *
 * @param address of the child's header, or −1 for a link by name
 */
record Hdf5Links(String name, long address) {
    private static final int SOFT = 2;

    /** The children of the group whose header stands at an address. */
    static List<Hdf5Links> of(HdfFile file, long group) {
        var storage = file.getHdfBackingStorage();
        var header = ObjectHeader.readObjectHeader(storage, group);
        var links = new ArrayList<Hdf5Links>();
        if (header.hasMessageOfType(SymbolTableMessage.class)) {
            var table = header.getMessageOfType(SymbolTableMessage.class);
            var names = new LocalHeap(storage, table.getLocalHeapAddress()).getDataBuffer();
            for (long node : BTreeV1.createGroupBTree(storage, table.getBTreeAddress()).getChildAddresses()) {
                for (var entry : new GroupSymbolTableNode(storage, node).getSymbolTableEntries()) {
                    int end = entry.getLinkNameOffset();
                    while (names.get(end) != 0) {
                        end++;
                    }
                    var bytes = new byte[end - entry.getLinkNameOffset()];
                    names.get(entry.getLinkNameOffset(), bytes);
                    links.add(new Hdf5Links(new String(bytes, StandardCharsets.UTF_8),
                            entry.getCacheType() == SOFT ? -1 : entry.getObjectHeaderAddress()));
                }
            }
            return links;
        }
        for (var link : header.getMessagesOfType(LinkMessage.class)) {
            links.add(link(link));
        }
        var info = header.getMessageOfType(LinkInfoMessage.class);
        if (links.isEmpty() && info.getBTreeNameIndexAddress() >= 0) { // many links: they stand in a heap of their own
            var heap = new FractalHeap(storage, info.getFractalHeapAddress());
            var index = new BTreeV2<LinkNameForIndexedGroupRecord>(storage, info.getBTreeNameIndexAddress());
            for (var entry : index.getRecords()) {
                links.add(link(LinkMessage.fromBuffer(heap.getId(entry.getId()), storage.getSuperblock())));
            }
        }
        return links;
    }

    private static Hdf5Links link(LinkMessage link) {
        boolean hard = link.getLinkType() == LinkMessage.LinkType.HARD;
        return new Hdf5Links(link.getLinkName(), hard ? link.getHardLinkAddress() : -1);
    }
}
