using System.Net;

namespace OneComp.Hub;

/// <summary>
/// Brings one file from the hub: goes on where an earlier try or process stopped, and gives it out only when size and hash are
/// what the hub states.
/// </summary>
internal sealed class FileTransfer(HubClient client, HubModelId id, string commit, int chunkBytes, TransferProgress progress)
{
    /// <summary>Fills a partial file until it is whole and right.</summary>
    /// <param name="file">What to fetch, with size and hash.</param>
    /// <param name="path">The partial file, made where it is not there.</param>
    /// <param name="token">Stops the transfer; what was received stays.</param>
    /// <exception cref="HubException">The hub fails for good, or the content is wrong; then the partial file is gone.</exception>
    public async Task FetchAsync(HubFile file, string path, CancellationToken token)
    {
        using (var partial = PartialFile.Open(path, file.Hash!.Value, file.Length, token))
        {
            var isOwn = partial.Position == 0;
            progress.Resumed(partial.Position);
            await FillAsync(partial, file, token).ConfigureAwait(false);
            if (partial.Finish())
            {
                return;
            }

            if (!isOwn)
            {
                // What an earlier process left was not right: once more, from the first byte.
                Restart(partial);
                await FillAsync(partial, file, token).ConfigureAwait(false);
                if (partial.Finish())
                {
                    return;
                }
            }
        }

        File.Delete(path);
        throw new HubException(HubError.HashMismatch, file.Name,
            $"'{file.Name}' of {id}: what was received has another hash than the hub states ({file.Hash}). It was deleted. Run the command again; if it happens again, a proxy or mirror changes the files.");
    }

    private async Task FillAsync(PartialFile partial, HubFile file, CancellationToken token)
    {
        while (partial.Position < file.Length)
        {
            // An attempt that brings at least a chunk ends well although the file is not whole: the tries are counted anew.
            await client.TryAsync(async attempt =>
            {
                await ReceiveAsync(partial, file, attempt).ConfigureAwait(false);
                return true;
            }, token).ConfigureAwait(false);
        }
    }

    private async Task ReceiveAsync(PartialFile partial, HubFile file, CancellationToken token)
    {
        using var response = await client.OpenAsync(commit, file, partial.Position, token).ConfigureAwait(false);
        if (partial.Position > 0 && !GoesOnAt(response, partial.Position))
        {
            Restart(partial); // a server or proxy that knows no ranges sends the whole file
        }

        var start = partial.Position;
        try
        {
            using var body = await response.Content.ReadAsStreamAsync(token).ConfigureAwait(false);
            await CopyAsync(body, partial, file, token).ConfigureAwait(false);
        }
        catch (HubFaultException) when (partial.Position - start >= chunkBytes)
        {
            return;
        }

        if (partial.Position < file.Length && partial.Position - start < chunkBytes)
        {
            throw new HubFaultException($"'{file.Name}' ended after {partial.Position} of {file.Length} bytes.");
        }
    }

    private async Task CopyAsync(Stream body, PartialFile partial, HubFile file, CancellationToken token)
    {
        var buffer = new byte[Math.Min(chunkBytes, file.Length - partial.Position + 1)]; // one more byte shows a body that is too long
        var filled = 0;
        try
        {
            for (int read; (read = await client.ReadAsync(body, buffer.AsMemory(filled), token).ConfigureAwait(false)) > 0;)
            {
                filled += read;
                if (partial.Position + filled > file.Length)
                {
                    filled = 0;
                    throw new HubException(HubError.HashMismatch, file.Name,
                        $"'{file.Name}' of {id} goes on after the {file.Length} bytes that the hub states. Check HF_ENDPOINT and the proxy.");
                }

                progress.Received(read);
                if (filled == buffer.Length)
                {
                    Write();
                }
            }
        }
        finally
        {
            Write(); // also after a break or a stop: nothing that came is asked for again
        }

        void Write()
        {
            var count = filled;
            filled = 0; // before, so that a write that fails is not tried again by the finally
            partial.Append(buffer.AsSpan(0, count));
        }
    }

    private void Restart(PartialFile partial)
    {
        progress.Lost(partial.Position);
        partial.Clear();
    }

    private static bool GoesOnAt(HttpResponseMessage response, long offset) =>
        response.StatusCode == HttpStatusCode.PartialContent && response.Content.Headers.ContentRange?.From == offset;
}
